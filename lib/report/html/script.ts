/** What the page does beyond showing: filters, sorting, copying, opening what a link points to. Without it everything can be read. */
export const script = `
const rows=[...document.querySelectorAll('tbody tr[data-key]')];
const articles=new Map([...document.querySelectorAll('article')].map((a)=>[a.id,a]));
const field=(name)=>document.querySelector('[name='+name+']');
const count=document.querySelector('#shown');
function filter(){
  const text=field('text').value.trim().toLowerCase(),verdict=field('verdict').value,requirement=field('requirement').value;
  let shown=0;
  for(const row of rows){
    const fits=(!text||row.dataset.text.includes(text))&&(!verdict||row.dataset.verdict===verdict)&&(!requirement||row.dataset.open.split(' ').includes(requirement));
    row.hidden=!fits;
    const article=articles.get(row.dataset.key);
    if(article)article.hidden=!fits;
    if(fits)shown++;
  }
  count.textContent=shown+' of '+rows.length+' shown';
}
for(const name of ['text','verdict','requirement'])field(name)?.addEventListener('input',filter);
for(const button of document.querySelectorAll('th button')){
  button.addEventListener('click',()=>{
    const head=button.closest('th'),index=[...head.parentNode.children].indexOf(head),down=head.getAttribute('aria-sort')==='ascending';
    for(const other of head.parentNode.children)other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort',down?'descending':'ascending');
    const key=(row)=>row.children[index].dataset.sort??row.children[index].textContent;
    const sorted=[...rows].sort((a,b)=>key(a).localeCompare(key(b),'en',{numeric:true}));
    rows[0]?.parentNode.append(...(down?sorted.reverse():sorted));
  });
}
document.addEventListener('click',async(event)=>{
  const button=event.target.closest?.('button.copy');
  if(!button)return;
  const text=button.parentNode.querySelector('pre').textContent;
  try{await navigator.clipboard.writeText(text);button.textContent='Copied'}catch{button.textContent='Select and copy'}
});
`;
